-- Strict UTF-8, and the state of a text that goes on.
--
-- A state says what the next octet may be. It is a number, and NEXT[state][octet] is the state after the octet.

local Text = {}

-- Lua 5.3 takes surrogates for characters. Its users check with the states of a text below.
assert(not utf8.len("\xED\xA0\x80"), "utf8.len accepts surrogates: Lua 5.4 or later is needed")

-- Return whether these octets are UTF-8 throughout.
function Text.is_utf8(octets)
  -- string.utf8, string.strict: no overlong form, no surrogate, nothing over U+10FFFF
  return utf8.len(octets) ~= nil
end

-- string.strict: the states, each with the range of its next octets, and the state after such an octet
Text.BETWEEN = 1
Text.BROKEN = 2
local LAST, SECOND, THIRD = 3, 4, 5
local AFTER_E0, AFTER_ED, AFTER_F0, AFTER_F4 = 6, 7, 8, 9

local NEXT = {}
for state = 1, 9 do
  NEXT[state] = {}
  for octet = 0, 255 do
    NEXT[state][octet] = Text.BROKEN
  end
end

local function allow(state, low, high, after)
  for octet = low, high do
    NEXT[state][octet] = after
  end
end

allow(Text.BETWEEN, 0x00, 0x7F, Text.BETWEEN)
allow(Text.BETWEEN, 0xC2, 0xDF, LAST)
allow(Text.BETWEEN, 0xE0, 0xEF, SECOND)
allow(Text.BETWEEN, 0xE0, 0xE0, AFTER_E0)
allow(Text.BETWEEN, 0xED, 0xED, AFTER_ED)
allow(Text.BETWEEN, 0xF1, 0xF3, THIRD)
allow(Text.BETWEEN, 0xF0, 0xF0, AFTER_F0)
allow(Text.BETWEEN, 0xF4, 0xF4, AFTER_F4)
allow(LAST, 0x80, 0xBF, Text.BETWEEN)
allow(SECOND, 0x80, 0xBF, LAST)
allow(THIRD, 0x80, 0xBF, SECOND)
allow(AFTER_E0, 0xA0, 0xBF, LAST)
allow(AFTER_ED, 0x80, 0x9F, LAST)
allow(AFTER_F0, 0x90, 0xBF, SECOND)
allow(AFTER_F4, 0x80, 0x8F, SECOND)

Text.NEXT = NEXT

-- Return the state of the text after these octets of output.
function Text.after(state, octets)
  -- stream.text: a line feed begins a new text
  local line = octets:match("^.*\n()")
  if line then
    state = Text.BETWEEN
  end
  local index = line or 1
  if state == Text.BETWEEN then
    -- ASCII changes nothing
    index = octets:find("[\x80-\xFF]", index) or #octets + 1
  end
  while index <= #octets and state ~= Text.BROKEN do
    state = NEXT[state][octets:byte(index)]
    index = index + 1
  end
  return state
end

-- Return whether one of these octets is a control character that no text has: not tab, line feed, return or escape.
function Text.has_control(octets)
  return octets:find("[\0-\x08\x0B\x0C\x0E-\x1A\x1C-\x1F\x7F]") ~= nil
end

-- The same for each octet.
Text.CONTROL = {}
for octet = 0, 255 do
  Text.CONTROL[octet] = Text.has_control(string.char(octet))
end

return Text
