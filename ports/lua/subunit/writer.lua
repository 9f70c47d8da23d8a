-- Packets to octets.
--
-- A packet is a table with the keys of the JSON form; an absent key (nil) is an absent field. Text is UTF-8, and
-- `file_bytes` are octets. A packet that no reader would take is refused: the functions return nil and the key
-- with the wrong value, or "packet" if the packet would be too long. So `assert(encode(packet))` raises.

local Number = require "subunit.number"
local Text = require "subunit.text"

local Writer = {}

-- length.limit: 4 MiB less one octet
Writer.MOST = 4194303
-- Content that is split goes into packets of at most so many octets of it.
Writer.CHUNK = 1048576
Writer.STATUSES = { "exists", "inprogress", "success", "uxsuccess", "skip", "fail", "xfail" }

local NUMBER_OF = {}
for index, status in ipairs(Writer.STATUSES) do
  NUMBER_OF[status] = index
end

local function refuse(key)
  error({ refused = key })
end

-- Call a function that refuses by an error; return its results, or nil and the key.
local function or_refused(call, ...)
  local done, result = pcall(call, ...)
  if done then
    return result
  elseif type(result) == "table" and result.refused then
    return nil, result.refused
  end
  error(result, 0)
end

local function string_of(key, text)
  -- writer.refuses, string.utf8
  if type(text) ~= "string" or not Text.is_utf8(text) then
    refuse(key)
  end
  -- string.no-nul
  if text:find("\0", 1, true) then
    refuse(key)
  end
  return Number.encode(#text) .. text
end

local function flags_of(packet)
  local flags = 0x2000
  -- flags.empty-is-not-absent: in Lua an empty string is true, and only nil is absent
  if packet.test_id ~= nil then flags = flags | 0x0800 end
  if packet.route_code ~= nil then flags = flags | 0x0400 end
  if packet.timestamp ~= nil then flags = flags | 0x0200 end
  if packet.runnable ~= false then flags = flags | 0x0100 end
  if packet.test_tags ~= nil then flags = flags | 0x0080 end
  if packet.file_name ~= nil then flags = flags | 0x0040 end
  if packet.mime_type ~= nil then flags = flags | 0x0020 end
  if packet.eof then flags = flags | 0x0010 end
  if packet.test_status ~= nil then
    -- status.values
    flags = flags | (NUMBER_OF[packet.test_status] or refuse("test_status"))
  end
  return flags
end

local function timestamp_of(timestamp)
  local seconds = math.tointeger(timestamp.seconds)
  local nanoseconds = math.tointeger(timestamp.nanoseconds)
  -- timestamp.seconds
  if not seconds or seconds < 0 or seconds > 0xFFFFFFFF then
    refuse("timestamp")
  end
  -- timestamp.nanoseconds
  if not nanoseconds or nanoseconds < 0 or nanoseconds > 999999999 then
    refuse("timestamp")
  end
  return string.pack(">I4", seconds) .. Number.encode(nanoseconds)
end

-- Return the octets between the length and the checksum.
local function fields_of(packet)
  -- packet.order
  local fields = {}
  local function add(octets)
    fields[#fields + 1] = octets
  end
  if packet.timestamp ~= nil then
    add(timestamp_of(packet.timestamp))
  end
  if packet.test_id ~= nil then
    add(string_of("test_id", packet.test_id))
  end
  if packet.test_tags ~= nil then
    add(Number.encode(#packet.test_tags))
    for _, tag in ipairs(packet.test_tags) do
      add(string_of("test_tags", tag))
    end
  end
  if packet.mime_type ~= nil then
    add(string_of("mime_type", packet.mime_type))
  end
  if packet.file_name ~= nil then
    add(string_of("file_name", packet.file_name))
    local content = packet.file_bytes or ""
    add(Number.encode(#content))
    add(content)
  end
  if packet.route_code ~= nil then
    add(string_of("route_code", packet.route_code))
  end
  return table.concat(fields)
end

local function seal(flags, fields)
  -- length.whole: the length counts its own octets, one, two or three
  local length = 3 + 1 + #fields + 4
  if length > 0x3F then length = length + 1 end
  if length > 0x3FFF then length = length + 1 end
  -- length.limit
  if length > Writer.MOST then
    refuse("packet")
  end
  local octets = string.pack(">BI2", 0xB3, flags) .. Number.encode(length) .. fields
  -- checksum.crc32
  return octets .. string.pack(">I4", Number.crc32(octets))
end

local function encode(packet)
  return seal(flags_of(packet), fields_of(packet))
end

local function copy_of(packet)
  local copy = {}
  for key, value in pairs(packet) do
    copy[key] = value
  end
  return copy
end

-- Return the most octets of content that fit beside the other fields of this packet.
local function room_for_content(packet)
  local empty = copy_of(packet)
  empty.file_bytes = ""
  -- 10: signature, flags, length and checksum; 1: the size of no content
  local left = Writer.MOST - 10 - (#fields_of(empty) - 1)
  local room = 0
  -- the size of the content takes one to three octets of those
  for width = 1, 3 do
    room = math.max(room, math.min(left - width, (1 << (8 * width - 2)) - 1))
  end
  return room
end

local function encode_split(packet, most)
  local content = packet.file_bytes or ""
  local size = math.min(most or Writer.CHUNK, room_for_content(packet))
  -- content of no octets is one packet, even where no other content fits
  if size < 1 and #content > 0 then
    refuse("packet")
  end
  local packets = {}
  local index = 0
  local part = copy_of(packet)
  -- file.eof, file.split: status and end are the last packet's alone
  part.eof = false
  part.test_status = nil
  while #content - index > size do
    part.file_bytes = content:sub(index + 1, index + size)
    packets[#packets + 1] = encode(part)
    index = index + size
  end
  local last = copy_of(packet)
  last.file_bytes = content:sub(index + 1)
  packets[#packets + 1] = encode(last)
  return table.concat(packets)
end

-- Return the octets of a packet with these flags and fields, both given as they are; or nil, "packet".
function Writer.seal(flags, fields)
  return or_refused(seal, flags, fields)
end

-- Return the octets of a packet; or nil and the key with the wrong value.
function Writer.encode(packet)
  return or_refused(encode, packet)
end

-- Return the octets of all packets that the content of this one takes, with at most `most` octets of it in each
-- (1 MiB if not given); or nil and the key with the wrong value.
function Writer.encode_split(packet, most)
  return or_refused(encode_split, packet, most)
end

return Writer
