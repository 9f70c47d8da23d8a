-- The requests of a conformance runner, read without a JSON library; and items as JSON.
--
-- A request is ASCII without spaces, so patterns find its parts. Inside a JSON string each quote has a backslash in
-- front of it; so `"test_id":` can only be a key.

local JSON = {}

local STRINGS = { "test_id", "test_status", "file_name", "mime_type", "route_code" }
local UNESCAPED = { b = "\b", f = "\f", n = "\n", r = "\r", t = "\t" }

-- Return the text of a JSON string, given without its quotes. A lone surrogate becomes three octets that are not
-- UTF-8, so that a writer refuses them.
local function unescape(json)
  local parts = {}
  local index = 1
  local slash = json:find("\\", index, true)
  while slash do
    parts[#parts + 1] = json:sub(index, slash - 1)
    local escape = json:sub(slash + 1, slash + 1)
    index = slash + 2
    if escape == "u" then
      local code = tonumber(json:sub(index, index + 3), 16)
      index = index + 4
      local low = code >> 10 == 0x36 and json:match("^\\u([dD][c-fC-F]%x%x)", index)
      if low then
        code = 0x10000 + ((code & 0x3FF) << 10) + (tonumber(low, 16) & 0x3FF)
        index = index + 6
      end
      parts[#parts + 1] = utf8.char(code)
    else
      parts[#parts + 1] = UNESCAPED[escape] or escape
    end
    slash = json:find("\\", index, true)
  end
  parts[#parts + 1] = json:sub(index)
  return table.concat(parts)
end

-- Read the string whose opening quote is at this index; return it, and the index behind its closing quote.
local function read_string(line, index)
  local start = index + 1
  local last = line:find('["\\]', start)
  while line:byte(last) ~= 0x22 do
    last = line:find('["\\]', last + 2)
  end
  return unescape(line:sub(start, last - 1)), last + 1
end

-- Return the index of the value of a key, or nil if the line does not have the key.
local function index_of(line, key)
  local _, last = line:find('"' .. key .. '":', 1, true)
  return last and last + 1
end

-- Return the string of this key, or nil.
function JSON.string(line, key)
  local index = index_of(line, key)
  return index and (read_string(line, index))
end

-- Return the list of strings of this key, or nil.
function JSON.strings(line, key)
  local index = index_of(line, key)
  if not index then
    return nil
  end
  local list = {}
  while line:byte(index + 1) == 0x22 do
    list[#list + 1], index = read_string(line, index + 1)
  end
  return list
end

-- Return the number of this key, or nil.
function JSON.number(line, key)
  local index = index_of(line, key)
  return index and tonumber(line:match("^[-+.%deE]+", index))
end

-- Return true or false for this key, or nil.
function JSON.boolean(line, key)
  local index = index_of(line, key)
  if index then
    return line:sub(index, index + 3) == "true"
  end
end

local HEX = {}
local OCTETS = {}
for value = 0, 255 do
  local hex = ("%02x"):format(value)
  HEX[string.char(value)] = hex
  OCTETS[hex] = string.char(value)
end

-- Return octets as hex.
function JSON.hex(octets)
  return (octets:gsub(".", HEX))
end

-- Return the octets of the hex of this key, or nil; and the line without them, so that it is short.
function JSON.octets(line, key)
  local index = index_of(line, key)
  if not index then
    return nil, line
  end
  local last = line:find('"', index + 1, true)
  local octets = line:sub(index + 1, last - 1):gsub("..", OCTETS)
  return octets, line:sub(1, index) .. line:sub(last)
end

-- Return the packet to write of a request.
function JSON.packet(line)
  local packet = {}
  line = line:sub(index_of(line, "packet"))
  packet.file_bytes, line = JSON.octets(line, "file_bytes")
  for _, key in ipairs(STRINGS) do
    packet[key] = JSON.string(line, key)
  end
  packet.test_tags = JSON.strings(line, "test_tags")
  packet.runnable = JSON.boolean(line, "runnable")
  packet.eof = JSON.boolean(line, "eof")
  if index_of(line, "timestamp") then
    packet.timestamp = {
      seconds = JSON.number(line, "seconds"),
      nanoseconds = JSON.number(line, "nanoseconds"),
    }
  end
  return packet
end

-- Return text as a JSON string.
function JSON.quote(text)
  return '"' .. text:gsub('[%c"\\]', function(octet)
    return ("\\u%04x"):format(octet:byte())
  end) .. '"'
end

local function packet_of(item, parts)
  local function add(key, value)
    parts[#parts + 1] = (',"%s":%s'):format(key, value)
  end
  add("runnable", item.runnable)
  add("eof", item.eof)
  for _, key in ipairs(STRINGS) do
    if item[key] then
      add(key, JSON.quote(item[key]))
    end
  end
  if item.test_tags then
    local tags = {}
    for index, tag in ipairs(item.test_tags) do
      tags[index] = JSON.quote(tag)
    end
    add("test_tags", "[" .. table.concat(tags, ",") .. "]")
  end
  if item.timestamp then
    local time = item.timestamp
    add("timestamp", ('{"seconds":%d,"nanoseconds":%d}'):format(time.seconds, time.nanoseconds))
  end
  if item.recovered then
    add("recovered", true)
  end
  if item.file_bytes then
    add("file_bytes", '"' .. JSON.hex(item.file_bytes) .. '"')
  end
end

-- Return items as a JSON list.
function JSON.items(items)
  local objects = {}
  for index, item in ipairs(items) do
    local parts = {}
    parts[1] = ('{"kind":"%s","offset":%d,"length":%d'):format(item.kind, item.offset, item.length)
    if item.kind == "packet" then
      packet_of(item, parts)
    end
    if item.error then
      parts[#parts + 1] = ',"error":"' .. item.error .. '"'
    end
    if item.bytes then
      parts[#parts + 1] = ',"bytes":"' .. JSON.hex(item.bytes) .. '"'
    end
    parts[#parts + 1] = "}"
    objects[index] = table.concat(parts)
  end
  return "[" .. table.concat(objects, ",") .. "]"
end

return JSON
