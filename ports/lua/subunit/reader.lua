-- Octets in, items out.
--
-- `feed` takes octets and returns a list of the items that are settled; `close` returns the rest. An item is a packet
-- (the keys of the JSON form), passthrough or a corrupt region, each with its offset, its length and its octets
-- (`bytes`, but for packets). No input raises.
--
-- Functions that settle an item return the index of the octet behind it. Functions that wait for octets return the
-- index that they were given. Indices are Lua's: the first octet of the buffer is 1.

local Checksums = require "subunit.checksums"
local Number = require "subunit.number"
local Packet = require "subunit.packet"
local Text = require "subunit.text"

local Reader = {}
Reader.__index = Reader

local SIGNATURE = 0xB3
local LINE_FEED = 0x0A

-- Begin a stream. With the option `raw`, each item has its octets as `raw`, packets too.
function Reader.new(options)
  return setmetatable({
    raw = options and options.raw or false,
    buffer = "",          -- the octets that are in no item yet
    offset = 0,           -- the offset in the stream of the first of them
    at_sync_point = true,
    text = Text.BETWEEN,  -- the state of the text of passthrough
    claimed_end = 0,      -- the offset behind all octets that corrupt headers claimed
    region = nil,         -- the corrupt region whose end is not known yet
    checksums = Checksums.new(),
    chunks = {},          -- octets that have arrived since, too few to settle an item
    arrived = 0,          -- how many they are
    wanted = 1,           -- how many octets, with the buffer, are needed to settle an item
    items = {},
  }, Reader)
end

local function rejected(err, claims)
  return "rejected", err, claims
end

-- The octets before `behind` are needed to decide.
function Reader:missing(index, behind, ended)
  if not ended then
    return "incomplete", behind
  end
  -- packet.truncated
  return rejected("truncated", #self.buffer + 1 - index)
end

-- Check the candidate at this index. Return "intact" and its length; "incomplete" and the index behind the octets
-- that are needed; or "rejected", the error, and the number of octets that the header claims, or 0.
function Reader:check_candidate(index, ended)
  local buffer = self.buffer
  local available = #buffer + 1 - index
  if available < 2 then
    return self:missing(index, index + 2, ended)
  end
  -- flags.version, packet.unusable-header
  if buffer:byte(index + 1) >> 4 ~= 2 then
    return rejected("version", 0)
  end
  if available < 3 then
    return self:missing(index, index + 3, ended)
  end
  -- flags.reserved
  if buffer:byte(index + 2) & 0x08 ~= 0 then
    return rejected("reserved_bit", 0)
  end
  if available < 4 then
    return self:missing(index, index + 4, ended)
  end
  local width = (buffer:byte(index + 3) >> 6) + 1
  -- length.limit
  if width == 4 then
    return rejected("length_encoding", 0)
  end
  if available < 3 + width then
    return self:missing(index, index + 3 + width, ended)
  end
  local length = Packet.claimed_length(buffer, index)
  -- length.least
  if length < 3 + width + 4 then
    return rejected("length_too_short", 0)
  end
  if available < length then
    if ended then
      return rejected("truncated", length)
    end
    return "incomplete", index + length
  end
  -- checksum.crc32
  if self:checksum_holds(index, length) then
    return "intact", length
  end
  return rejected("checksum", length)
end

function Reader:checksum_holds(index, length)
  local last = index + length - 5
  local expected = string.unpack(">I4", self.buffer, last + 1)
  -- reader.time: many headers may claim the same octets
  if length > Checksums.SHORT then
    local start = self.offset + index - 1
    return self.checksums:of_range(self.buffer, self.offset, start, start + length - 4) == expected
  end
  return Number.crc32(self.buffer, 0, index, last) == expected
end

function Reader:add_item(item, index, behind)
  item.offset = self.offset + index - 1
  item.length = behind - index
  if self.raw then
    item.raw = item.bytes or self.buffer:sub(index, behind - 1)
  end
  self.items[#self.items + 1] = item
end

function Reader:add_corrupt(err, index, behind)
  local octets = self.buffer:sub(index, behind - 1)
  self:add_item({ kind = "corrupt", error = err, bytes = octets }, index, behind)
end

function Reader:take_packet(index, length)
  local octets = self.buffer:sub(index, index + length - 1)
  local packet, err = Packet.decode(octets)
  if packet then
    -- recovery.recovered
    if self.offset + index - 1 < self.claimed_end then
      packet.recovered = true
    end
    self:add_item(packet, index, index + length)
  else
    self:add_corrupt(err, index, index + length)
  end
  -- stream.sync-point
  self.at_sync_point = true
  return index + length
end

function Reader:take_passthrough(index, behind)
  local octets = self.buffer:sub(index, behind - 1)
  self:add_item({ kind = "passthrough", bytes = octets }, index, behind)
  -- stream.text-across-packets: packets leave the state as it is
  self.text = Text.after(self.text, octets)
  -- stream.sync-point
  self.at_sync_point = octets:byte(-1) == LINE_FEED
  return behind
end

function Reader:take_corrupt(index, err, claims, ended)
  if claims == 0 then
    -- recovery.unusable
    self:add_corrupt(err, index, index + 1)
    self.text = Text.BROKEN
    self.at_sync_point = false
    return index + 1
  end
  self.region = { error = err, claims = claims, searched = 1 }
  return self:settle_region(index, ended)
end

-- Search the region that starts at this index for the packet that ends it.
function Reader:settle_region(index, ended)
  local buffer = self.buffer
  local region = self.region
  local behind = math.min(index + region.claims, #buffer + 1)
  local candidate = buffer:find("\xB3", index + region.searched, true)
  while candidate and candidate < behind do
    local result, detail = self:check_candidate(candidate, ended)
    if result == "incomplete" then
      region.searched = candidate - index
      return self:wait(index, detail)
    end
    if result == "intact" then
      -- recovery.region
      behind = candidate
    else
      candidate = buffer:find("\xB3", candidate + 1, true)
    end
  end
  self:add_corrupt(region.error, index, behind)
  -- recovery.recovered
  self.claimed_end = math.max(self.claimed_end, self.offset + index - 1 + region.claims)
  self.region = nil
  self.text = Text.BROKEN
  -- stream.sync-point
  self.at_sync_point = region.error == "checksum"
  return behind
end

-- Return whether the 0xB3 at this index is inside a character of text: true, false, or nil if octets are missing.
function Reader:in_character(index, ended)
  local buffer = self.buffer
  local state = self.text
  -- stream.text: the 0xB3 continues a character
  if state == Text.BETWEEN or Text.NEXT[state][SIGNATURE] == Text.BROKEN then
    return false
  end
  for ahead = index, index + 7 do
    local octet = buffer:byte(ahead)
    -- stream.character: eight octets from the 0xB3 on, or fewer before the end of the stream, a line feed, or a 0xB3 that
    -- stands between characters
    if not octet then
      if ended then
        return true
      end
      return nil
    end
    if octet == LINE_FEED or octet == SIGNATURE and state == Text.BETWEEN then
      return true
    end
    state = Text.NEXT[state][octet]
    if state == Text.BROKEN or Text.CONTROL[octet] then
      return false
    end
  end
  return true
end

function Reader:settle_next(index, ended)
  if self.region then
    return self:settle_region(index, ended)
  end
  local buffer = self.buffer
  if buffer:byte(index) ~= SIGNATURE then
    -- stream.passthrough
    return self:take_passthrough(index, buffer:find("\xB3", index, true) or #buffer + 1)
  end
  -- stream.try-everywhere
  local result, detail, claims = self:check_candidate(index, ended)
  if result == "rejected" and not self.at_sync_point then
    -- stream.false-start, stream.form: only a wrong checksum leaves a usable header whose octets are all there
    if detail ~= "checksum" or not Packet.has_form(buffer, index) then
      return self:take_passthrough(index, index + 1)
    end
  end
  -- stream.character
  local inside = self:in_character(index, ended)
  if inside == nil then
    return self:wait(index, #buffer + 2)
  end
  if inside then
    return self:take_passthrough(index, index + 1)
  end
  if result == "incomplete" then
    return self:wait(index, detail)
  end
  if result == "intact" then
    -- stream.intact-whole
    return self:take_packet(index, detail)
  end
  return self:take_corrupt(index, detail, claims, ended)
end

-- The octets before `behind` are needed to settle the next item.
function Reader:wait(index, behind)
  self.wanted = behind - index
  return index
end

function Reader:settle(ended)
  self.items = {}
  local index = 1
  while index <= #self.buffer do
    local behind = self:settle_next(index, ended)
    if behind == index then
      break
    end
    index = behind
  end
  -- reader.time: Lua would copy the whole buffer, too
  if index > 1 then
    self.buffer = self.buffer:sub(index)
  end
  self.offset = self.offset + index - 1
  return self.items
end

function Reader:settle_chunks(ended)
  self.buffer = self.buffer .. table.concat(self.chunks)
  self.chunks = {}
  self.arrived = 0
  self.wanted = 1
  local items = self:settle(ended)
  self.checksums:forget(self.offset)
  return items
end

-- Take octets; return the items that are settled now.
function Reader:feed(octets)
  self.chunks[#self.chunks + 1] = octets
  self.arrived = self.arrived + #octets
  -- reader.time: the buffer is not copied before something can be settled
  if #self.buffer + self.arrived < self.wanted then
    return {}
  end
  return self:settle_chunks(false)
end

-- Settle the octets that are held as if the stream had ended here; return their items. The stream goes on.
function Reader:stop_waiting()
  -- reader.stop-waiting
  return self:settle_chunks(true)
end

-- The stream has ended; return the remaining items.
function Reader:close()
  return self:settle_chunks(true)
end

-- Return how many octets have been fed and are in no item yet.
function Reader:held()
  return #self.buffer + self.arrived
end

return Reader
