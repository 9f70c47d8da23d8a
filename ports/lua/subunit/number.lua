-- Numbers and the checksum.
--
-- Lua has no CRC-32. The loop takes eight octets at a time, with a table for each of them, which is three times as
-- fast as octet by octet. Positions are Lua's: the first octet is 1, and the octet at `last` is included.

local Number = {}

-- number.encoding: 0 to 1,073,741,823
Number.MOST = 0x3FFFFFFF

-- Return the octets of a number, in the fewest octets that hold it.
function Number.encode(value)
  -- number.shortest, number.encoding: the top two bits are the count of octets, less one
  if value < 0x40 then
    return string.char(value)
  elseif value < 0x4000 then
    return string.pack(">I2", value | 0x4000)
  elseif value < 0x400000 then
    return string.pack(">I3", value | 0x800000)
  end
  return string.pack(">I4", value | 0xC0000000)
end

local tables = { {}, {}, {}, {}, {}, {}, {}, {} }
for value = 0, 255 do
  local register = value
  for _ = 1, 8 do
    if register & 1 ~= 0 then
      register = register >> 1 ~ 0xEDB88320
    else
      register = register >> 1
    end
  end
  tables[1][value] = register
end
for which = 2, 8 do
  for value = 0, 255 do
    local before = tables[which - 1][value]
    tables[which][value] = before >> 8 ~ tables[1][before & 255]
  end
end
local t1, t2, t3, t4, t5, t6, t7, t8 = table.unpack(tables)

-- Continue the CRC-32 `before` over the octets from `first` to `last`; that of no octets is 0.
function Number.crc32(octets, before, first, last)
  local byte = string.byte
  local register = (before or 0) ~ 0xFFFFFFFF
  local index = first or 1
  last = last or #octets
  while index + 7 <= last do
    local a, b, c, d, e, f, g, h = byte(octets, index, index + 7)
    register = t8[(register ~ a) & 255] ~ t7[(register >> 8 ~ b) & 255]
      ~ t6[(register >> 16 ~ c) & 255] ~ t5[register >> 24 ~ d]
      ~ t4[e] ~ t3[f] ~ t2[g] ~ t1[h]
    index = index + 8
  end
  while index <= last do
    register = register >> 8 ~ t1[(register ~ byte(octets, index)) & 255]
    index = index + 1
  end
  return register ~ 0xFFFFFFFF
end

return Number
