-- The octets of one packet.
--
-- Positions are Lua's: the first octet is 1. `stop` is the index behind the last octet of the fields, which is the
-- first of the checksum. Functions return nil and the error's code for a malformed packet, and raise nothing.

local Number = require "subunit.number"
local Text = require "subunit.text"
local Writer = require "subunit.writer"

local Packet = {}

-- Read a number; return it, and the index behind it. Its width is any of the four.
local function take_number(octets, index, stop)
  -- fields.inside
  if index >= stop then
    return nil, "field_overrun"
  end
  local first = octets:byte(index)
  -- number.encoding, number.any-width
  local value = first & 0x3F
  local behind = index + 1 + (first >> 6)
  -- fields.inside
  if behind > stop then
    return nil, "field_overrun"
  end
  for each = index + 1, behind - 1 do
    value = value << 8 | octets:byte(each)
  end
  return value, behind
end

-- Read octets behind their size; return them, and the index behind them.
local function take_octets(octets, index, stop)
  local size, start = take_number(octets, index, stop)
  if not size then
    return nil, start
  end
  -- fields.inside: compared before anything is allocated
  if size > stop - start then
    return nil, "field_overrun"
  end
  return octets:sub(start, start + size - 1), start + size
end

local function take_string(octets, index, stop)
  local text, behind = take_octets(octets, index, stop)
  if not text then
    return nil, behind
  end
  -- string.utf8, before NUL is looked for
  if not Text.is_utf8(text) then
    return nil, "utf8"
  end
  -- string.no-nul
  if text:find("\0", 1, true) then
    return nil, "nul"
  end
  return text, behind
end

local function take_timestamp(octets, index, stop)
  -- fields.inside
  if stop - index < 4 then
    return nil, "field_overrun"
  end
  local seconds = string.unpack(">I4", octets, index)
  local nanoseconds, behind = take_number(octets, index + 4, stop)
  if not nanoseconds then
    return nil, behind
  end
  -- timestamp.nanoseconds
  if nanoseconds > 999999999 then
    return nil, "nanoseconds"
  end
  return { seconds = seconds, nanoseconds = nanoseconds }, behind
end

local function take_tags(octets, index, stop)
  local count, behind = take_number(octets, index, stop)
  if not count then
    return nil, behind
  end
  -- tags.wire-order; the count reserves no memory
  local tags = {}
  local tag
  while #tags < count do
    tag, behind = take_string(octets, behind, stop)
    if not tag then
      return nil, behind
    end
    tags[#tags + 1] = tag
  end
  return tags, behind
end

-- packet.order: flag, key, reader
local FIELDS = {
  { 0x0200, "timestamp", take_timestamp },
  { 0x0800, "test_id", take_string },
  { 0x0080, "test_tags", take_tags },
  { 0x0020, "mime_type", take_string },
  { 0x0040, "file_name", take_string },
  { 0x0040, "file_bytes", take_octets },
  { 0x0400, "route_code", take_string },
}

-- Return the length in the header at this index, whose octets, one to three, are there.
function Packet.claimed_length(octets, index)
  local width = (octets:byte(index + 3) >> 6) + 1
  -- length.whole
  return string.unpack(">I" .. width, octets, index + 3) & Writer.MOST >> 8 * (3 - width)
end

-- Decode the octets of one packet, whose header and checksum are right.
function Packet.decode(octets)
  local flags = string.unpack(">I2", octets, 2)
  local index = 5 + (octets:byte(4) >> 6)
  local stop = #octets - 3
  local packet = { kind = "packet" }
  for _, field in ipairs(FIELDS) do
    local flag, key, take = field[1], field[2], field[3]
    -- flags.independent
    if flags & flag ~= 0 then
      local value, behind = take(octets, index, stop)
      -- packet.first-error
      if value == nil then
        return nil, behind
      end
      packet[key] = value
      index = behind
    end
  end
  -- fields.nothing-left
  if index < stop then
    return nil, "trailing_bytes"
  end
  -- status.values
  packet.test_status = Writer.STATUSES[flags & 0x0007]
  packet.runnable = flags & 0x0100 ~= 0
  packet.eof = flags & 0x0010 ~= 0
  return packet
end

-- Step over a string or a content; return the index behind it, or nil.
local function skip(octets, index, stop)
  local size, start = take_number(octets, index, stop)
  if size and size <= stop - start then
    return start + size
  end
end

-- Step over the fields before the route code, by their sizes; return the index behind them, or nil. No octet of a
-- string or a content is looked at.
function Packet.skip_fields(octets, index, stop, flags, most_tags)
  local _
  if flags & 0x0200 ~= 0 then
    _, index = take_number(octets, index + 4, stop)
    if not _ then
      return nil
    end
  end
  if flags & 0x0800 ~= 0 then
    index = skip(octets, index, stop)
  end
  if index and flags & 0x0080 ~= 0 then
    local count
    count, index = take_number(octets, index, stop)
    -- stream.form
    if not count or count > most_tags then
      return nil
    end
    while index and count > 0 do
      index = skip(octets, index, stop)
      count = count - 1
    end
  end
  if index and flags & 0x0020 ~= 0 then
    index = skip(octets, index, stop)
  end
  if index and flags & 0x0040 ~= 0 then
    index = skip(octets, index, stop)
    index = index and skip(octets, index, stop)
  end
  return index
end

-- Return whether the octets at this index have the form of a packet. Its header is usable, and all octets that it
-- claims are there.
function Packet.has_form(octets, index)
  local flags = string.unpack(">I2", octets, index + 1)
  local stop = index + Packet.claimed_length(octets, index) - 4
  local behind = index + 4 + (octets:byte(index + 3) >> 6)
  behind = Packet.skip_fields(octets, behind, stop, flags, 63)
  if behind and flags & 0x0400 ~= 0 then
    behind = skip(octets, behind, stop)
  end
  -- stream.form
  return behind == stop
end

-- Return the octets of a packet with a code in front of its route code; or nil, "packet" if it would be too long.
function Packet.with_route(octets, code)
  local flags = string.unpack(">I2", octets, 2)
  local start = 5 + (octets:byte(4) >> 6)
  local stop = #octets - 3
  local behind = Packet.skip_fields(octets, start, stop, flags, Writer.MOST)
  local route = code
  if flags & 0x0400 ~= 0 then
    -- route.add, route.empty
    route = code .. "/" .. take_octets(octets, behind, stop)
  end
  return Writer.seal(flags | 0x0400, octets:sub(start, behind - 1) .. Number.encode(#route) .. route)
end

return Packet
