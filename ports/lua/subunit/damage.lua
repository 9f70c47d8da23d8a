-- Damage, or output of a program?
--
-- A corrupt region of an input is output if it announces no result, and if it and the octets behind it could stand in
-- text: `³` in Latin-1 is a 0xB3. `waiting` is a list of items, with their octets as `raw`; the items behind a region
-- count, and some of them may not have arrived.

local Packet = require "subunit.packet"
local Text = require "subunit.text"

local Damage = {}

local NO_PACKET = {
  version = true, reserved_bit = true, length_encoding = true, length_too_short = true,
  checksum = true, truncated = true,
}

-- A packet, or an intact one with malformed fields.
local function is_intact(item)
  return item.kind == "packet" or item.kind == "corrupt" and not NO_PACKET[item.error]
end

-- Return eight octets of the stream from this item on, or those that have arrived; and whether they end before an
-- intact packet.
local function octets_from(waiting, index, last)
  local ahead = ""
  while index <= last and #ahead < 8 do
    if is_intact(waiting[index]) then
      return ahead, true
    end
    ahead = ahead .. waiting[index].raw:sub(1, 8)
    index = index + 1
  end
  return ahead:sub(1, 8), false
end

-- Return whether a region ended where its header says, and not sooner.
local function is_whole(item)
  return item.error == "checksum" and #item.raw >= 8 and Packet.claimed_length(item.raw, 1) == #item.raw
end

local function announces_result(octets)
  if #octets < 3 then
    return false
  end
  local flags = string.unpack(">I2", octets, 2)
  return flags & 0x0800 ~= 0 and flags & 0x00C7 ~= 0
end

-- Return "packet", "output" or "damage" for the item at this index, or nil if octets are missing.
function Damage.kind_of(waiting, index, last, ended)
  local item = waiting[index]
  if item.kind == "packet" then
    return "packet"
  elseif item.kind == "passthrough" then
    return "output"
  elseif is_intact(item) then
    -- damage.output: an intact packet is no output
    return "damage"
  end
  local octets = item.raw
  local ahead, before_packet = octets_from(waiting, index, last)
  -- damage.output: control octets
  if Text.has_control(octets) or Text.has_control(ahead) then
    return "damage"
  end
  -- damage.output: a result, or the form of a packet
  if announces_result(octets) or is_whole(item) and Packet.has_form(octets, 1) then
    return "damage"
  end
  if #ahead == 8 then
    return "output"
  end
  if not ended and not before_packet then
    return nil
  end
  -- damage.output: fewer than eight octets, and a line feed among them
  return ahead:find("\n", 1, true) and "output" or "damage"
end

return Damage
