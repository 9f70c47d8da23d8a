-- Several streams into one.
--
-- Each input has a reader and a route code. Packets go out at once, with the code in front of theirs; other octets
-- go out in packets of the file `stdout`, and damage in packets of the test `subunit.parser`, which fails.

local Damage = require "subunit.damage"
local Packet = require "subunit.packet"
local Reader = require "subunit.reader"
local Writer = require "subunit.writer"

local Multiplexer = {}
Multiplexer.__index = Multiplexer

-- A report lists so many regions.
local MOST_REASONS = 10

-- The longest code of an input, in octets: the multiplexer's own packets need room beside it.
local MOST_CODE = 3 * 1024 * 1024

-- Begin to join inputs with these route codes, which should differ. Return nil, "route_code" if a code is refused.
function Multiplexer.new(routes)
  local inputs = {}
  for index, route in ipairs(routes) do
    -- route.input-code
    if route == "" or #route > MOST_CODE or not Writer.encode({ route_code = route }) then
      return nil, "route_code"
    end
    inputs[index] = {
      reader = Reader.new({ raw = true }),
      route = route,
      wrapped = false,    -- whether the file `stdout` has been started
      waiting = {},       -- items whose kind is not known yet
      parts = {},         -- output and damage that has not been sent
      regions = 0,        -- damaged regions of the report that is open
      reasons = {},
      reported = false,   -- whether the report's file `Packet data` has been started
      inputs = inputs,
    }
  end
  return setmetatable({ inputs = inputs }, Multiplexer)
end

local function wrapped(input, octets, eof)
  input.wrapped = not eof
  return { file_name = "stdout", file_bytes = octets, runnable = false, eof = eof, route_code = input.route }
end

local function report(input, name, octets, eof)
  return {
    test_id = "subunit.parser", file_name = name, file_bytes = octets,
    runnable = false, eof = eof, route_code = input.route,
  }
end

-- Return the packet with the code of its input in front of its route code; or nil if there is no room for the code.
local function routed(input, packet)
  -- route.unchanged: the octets before the route code stay as they are
  local octets = Packet.with_route(packet.raw, input.route)
  -- route.too-long: content goes into several packets
  if not octets and packet.file_name then
    local longer = {}
    for key, value in pairs(packet) do
      longer[key] = value
    end
    -- route.add, route.empty
    longer.route_code = input.route .. (packet.route_code and "/" .. packet.route_code or "")
    octets = Writer.encode_split(longer, Writer.MOST)
  end
  return octets
end

-- Neighbours of one kind share packets; of many short regions, all do.
local function collect(input, kind, octets)
  local parts = input.parts
  local last = #parts
  if last > 0 and parts[last].kind ~= kind and input.regions > MOST_REASONS then
    last = last - 1
  end
  if last > 0 and parts[last].kind == kind then
    table.insert(parts[last], octets)
  else
    table.insert(parts, { kind = kind, octets })
  end
end

-- Send the output and the damage that have been collected.
local function send_parts(input, out)
  for _, part in ipairs(input.parts) do
    local octets = table.concat(part)
    local packet
    if part.kind == "output" then
      -- wrap.output
      packet = wrapped(input, octets, false)
    else
      -- damage.report
      packet = report(input, "Packet data", octets, false)
      if not input.reported then
        packet.mime_type = "application/octet-stream"
      end
      input.reported = true
    end
    table.insert(out, assert(Writer.encode_split(packet)))
  end
  input.parts = {}
end

local function end_report(input, out, last)
  if input.regions == 0 then
    return
  end
  -- damage.one-report
  if input.regions > MOST_REASONS then
    table.insert(input.reasons, ("%d more regions\n"):format(input.regions - MOST_REASONS))
  end
  local packet = report(input, "Parser Error", table.concat(input.reasons) .. last, true)
  packet.mime_type = "text/plain;charset=utf8"
  packet.test_status = "fail"
  table.insert(out, assert(Writer.encode(report(input, "Packet data", "", true))))
  table.insert(out, assert(Writer.encode(packet)))
  input.regions = 0
  input.reasons = {}
  input.reported = false
end

local function note_region(input, item, out)
  -- damage.one-report: of inputs with one code, one has a report at a time
  if input.regions == 0 then
    for _, other in ipairs(input.inputs) do
      if other.route == input.route then
        end_report(other, out, "")
      end
    end
  end
  input.regions = input.regions + 1
  if input.regions <= MOST_REASONS then
    table.insert(input.reasons, ("%s at %d, %d octets\n"):format(item.error, item.offset, item.length))
  end
end

local function forward_packet(input, packet, out)
  send_parts(input, out)
  end_report(input, out, packet.recovered and "the packet behind it was recovered\n" or "")
  local octets = routed(input, packet)
  if octets then
    table.insert(out, octets)
  else
    collect(input, "output", packet.raw)
  end
end

local function multiplex(input, items, ended)
  local waiting = input.waiting
  table.move(items, 1, #items, #waiting + 1, waiting)
  local out = {}
  local index = 1
  while index <= #waiting do
    local item = waiting[index]
    local kind = Damage.kind_of(waiting, index, #waiting, ended)
    if not kind then
      break
    elseif kind == "packet" then
      forward_packet(input, item, out)
    else
      if kind == "damage" then
        note_region(input, item, out)
      end
      collect(input, kind, item.raw)
    end
    index = index + 1
  end
  input.waiting = table.move(waiting, index, #waiting, 1, {})
  send_parts(input, out)
  if ended then
    end_report(input, out, "")
  end
  return table.concat(out)
end

-- Take octets of the input with this number, counted from 1; return those of the joined stream.
function Multiplexer:feed(number, octets)
  local input = self.inputs[number]
  return multiplex(input, input.reader:feed(octets), false)
end

-- Settle the octets of an input that are held; return those of the joined stream.
function Multiplexer:stop_waiting(number)
  local input = self.inputs[number]
  return multiplex(input, input.reader:stop_waiting(), true)
end

-- An input has ended; return the remaining octets of the joined stream.
function Multiplexer:close(number)
  local input = self.inputs[number]
  local out = multiplex(input, input.reader:close(), true)
  -- wrap.origin: the end of the input ends its file
  if input.wrapped then
    out = out .. assert(Writer.encode(wrapped(input, "", true)))
  end
  return out
end

return Multiplexer
