-- A complete subunit v2 emitter in Lua 5.4, without JSON: it is asked in lines (HARNESS.md), and
-- answers in hex: run --session 'lua5.4 emit.lua' --questions lines. It splits no content.

local STATUSES = { exists = 1, inprogress = 2, success = 3, uxsuccess = 4, skip = 5, fail = 6,
  xfail = 7 }
local FLAGS = { eof = 0x10, mime_type = 0x20, file_name = 0x40, test_tags = 0x80,
  timestamp = 0x200, route_code = 0x400, test_id = 0x800 }
local CRC = {}
for value = 0, 255 do
  CRC[value] = value
  for _ = 1, 8 do CRC[value] = CRC[value] >> 1 ~ (CRC[value] & 1) * 0xEDB88320 end
end

local function crc32(octets)
  local register = 0xFFFFFFFF
  for index = 1, #octets do
    register = register >> 8 ~ CRC[(register ~ octets:byte(index)) & 255]
  end
  return register ~ 0xFFFFFFFF
end

-- Numbers take the fewest octets; the top two bits of the first hold their count.
local function number(value)
  local width = value < 0x40 and 1 or value < 0x4000 and 2 or value < 0x400000 and 3 or 4
  return string.pack(">I" .. width, value | (width - 1) << 8 * width - 2)
end

-- Return the octets of a packet, a table of its fields; or nil and the invalid key. Text is UTF-8,
-- and the timestamp is { SECONDS, NANOSECONDS }.
local function encode(packet)
  local fields, refused = {}, nil
  local function add(text, key)
    refused = refused or key and (not utf8.len(text) or text:find("\0", 1, true)) and key
    fields[#fields + 1] = number(#text) .. text
  end
  local flags = packet.runnable == false and 0x2000 or 0x2100
  for key, flag in pairs(FLAGS) do flags = flags | (packet[key] and flag or 0) end
  if packet.timestamp then
    local seconds, nanoseconds = table.unpack(packet.timestamp)
    seconds, nanoseconds = math.tointeger(seconds) or -1, math.tointeger(nanoseconds) or -1
    if seconds >> 32 ~= 0 or nanoseconds < 0 or nanoseconds > 999999999 then
      return nil, "timestamp"
    end
    fields[1] = string.pack(">I4", seconds) .. number(nanoseconds)
  end
  if packet.test_id then add(packet.test_id, "test_id") end
  if packet.test_tags then fields[#fields + 1] = number(#packet.test_tags) end
  for _, tag in ipairs(packet.test_tags or {}) do add(tag, "test_tags") end
  if packet.mime_type then add(packet.mime_type, "mime_type") end
  if packet.file_name then add(packet.file_name, "file_name") add(packet.file_bytes or "") end
  if packet.route_code then add(packet.route_code, "route_code") end
  local status = packet.test_status and STATUSES[packet.test_status] or 0
  refused = refused or packet.test_status and status == 0 and "test_status"
  local body = table.concat(fields)
  local length = 8 + #body + (#body > 55 and 1 or 0) + (#body > 16374 and 1 or 0)
  refused = refused or length > 4194303 and "packet"
  if refused then return nil, refused end
  local octets = string.pack(">BI2", 0xB3, flags | status) .. number(length) .. body
  return octets .. string.pack(">I4", crc32(octets))
end

-- The session follows.
local function octet_of(hex) return string.char(tonumber(hex, 16)) end
local function hex_of(octet) return ("%02x"):format(octet:byte()) end
local packet = {}
for line in io.lines() do
  local key, value = line:match("^(%S+) (.*)$")
  value = value and value:gsub("%%(%x%x)", octet_of)
  if not key then
    local octets, refused = encode(packet)
    local answer = octets and octets:gsub(".", hex_of) or "refused " .. refused
    print(packet.split and "unsupported it splits no content" or answer)
    io.stdout:flush()
    packet = {}
  elseif key == "test_tags" then packet.test_tags = {}
  elseif key == "test_tag" then table.insert(packet.test_tags, value)
  elseif key == "timestamp" then
    packet.timestamp = { tonumber(value:match("^%S+")), tonumber(value:match("%S+$")) }
  else packet[key] = value ~= "false" and value end
end
