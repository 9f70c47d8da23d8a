-- The checksum of any range of a stream, in bounded time.
--
-- The checksum of `ab` is that of `a`, shifted by the length of `b`, exclusive-or that of `b`. Marks are the checksums
-- from a fixed offset (`origin`) up to each STEP octets behind it. The checksum of a range takes two of them, and the
-- octets between a mark and either end. Offsets count from 0 at the start of the stream.

local Number = require "subunit.number"

local Checksums = {}
Checksums.__index = Checksums

-- A short step, since the checksum is slow in Lua: each range takes two steps of octets at most.
local STEP = 256

-- Ranges up to this length are computed directly.
Checksums.SHORT = 2 * STEP

-- Multiply polynomials of bits, reflected: the highest bit is the power 0.
local function multiply(a, b)
  local product = 0
  while a ~= 0 do
    if a & 0x80000000 ~= 0 then
      product = product ~ b
    end
    a = a << 1 & 0xFFFFFFFF
    b = b & 1 ~= 0 and b >> 1 ~ 0xEDB88320 or b >> 1
  end
  return product
end

local function shift_of_one_step()
  local power = 0x00800000
  local size = 1
  while size < STEP do
    power = multiply(power, power)
    size = size * 2
  end
  return power
end

-- The factors that shift by 0, 1, 2, ... steps, computed when needed; a packet has 16,384 at most.
local SHIFTS = { [0] = 0x80000000, shift_of_one_step() }

local function shifted(checksum, steps)
  for each = #SHIFTS + 1, steps do
    SHIFTS[each] = multiply(SHIFTS[each - 1], SHIFTS[1])
  end
  return multiply(checksum, SHIFTS[steps])
end

function Checksums.new()
  return setmetatable({ marks = {}, origin = 0, first = 0, last = -1 }, Checksums)
end

-- Return the checksum of the octets from offset `start` up to `stop`, without the one at `stop`, SHORT of them at
-- least. No range starts before the start of the first. The first octet of `buffer` has the offset `offset`.
function Checksums:of_range(buffer, offset, start, stop)
  local marks = self.marks
  if self.first > self.last then
    self.marks, self.origin, self.first, self.last = { [0] = 0 }, start, 0, 0
    marks = self.marks
  end
  local origin = self.origin
  local from = (start - origin + STEP - 1) // STEP
  local to = (stop - origin) // STEP
  for each = self.last + 1, to do
    local index = origin + each * STEP - offset
    marks[each] = Number.crc32(buffer, marks[each - 1], index - STEP + 1, index)
    self.last = each
  end
  local head = Number.crc32(buffer, 0, start - offset + 1, origin + from * STEP - offset)
  local before = marks[to] ~ shifted(marks[from] ~ head, to - from)
  return Number.crc32(buffer, before, origin + to * STEP - offset + 1, stop - offset)
end

-- Forget the marks before this offset: no range will start there.
function Checksums:forget(offset)
  while self.first <= self.last and self.origin + self.first * STEP < offset do
    self.marks[self.first] = nil
    self.first = self.first + 1
  end
end

return Checksums
