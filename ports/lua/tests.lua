-- Tests of the library beyond the corpus: `lua5.4 tests.lua`, in any folder. Each prints a line; the exit status is 1
-- if one failed.

local here = arg[0]:match("^(.*/)[^/]*$") or ""
package.path = here .. "?.lua;" .. package.path

local Checksums = require "subunit.checksums"
local JSON = require "subunit.json"
local Multiplexer = require "subunit.multiplexer"
local Number = require "subunit.number"
local Reader = require "subunit.reader"
local Text = require "subunit.text"
local Writer = require "subunit.writer"

local FULL = {
  kind = "packet", test_id = "été::test", test_status = "fail", test_tags = { "slow", "b", "a" },
  timestamp = { seconds = 4294967295, nanoseconds = 999999999 },
  file_name = "log", file_bytes = "\0\xB3\xFF", mime_type = "text/plain", route_code = "0/1",
  runnable = true, eof = true,
}

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then
      return false
    end
  end
  for key in pairs(b) do
    if a[key] == nil then
      return false
    end
  end
  return true
end

-- Return all items of a stream, fed in chunks of this size.
local function read(octets, size)
  local reader = Reader.new()
  local items = {}
  local function add(more)
    table.move(more, 1, #more, #items + 1, items)
  end
  for index = 1, #octets, size do
    add(reader:feed(octets:sub(index, index + size - 1)))
  end
  add(reader:close())
  return items
end

local tests = {}

function tests.a_written_packet_is_read_back()
  for _, size in ipairs({ 1, 7, 1000 }) do
    local items = read(assert(Writer.encode(FULL)), size)
    assert(#items == 1)
    items[1].offset, items[1].length = nil, nil
    assert(same(items[1], FULL))
  end
end

function tests.a_packet_that_no_reader_would_take_is_refused()
  local wrong = {
    test_id = "a\0", mime_type = "\xED\xA0\x80", file_name = "\xFF", route_code = 7, test_status = "passed",
    test_tags = { "good", "\xC0\x80" }, timestamp = { seconds = -1, nanoseconds = 0 },
  }
  for key, value in pairs(wrong) do
    local octets, refused = Writer.encode({ [key] = value })
    assert(octets == nil and refused == key, key)
  end
  local octets, refused = Writer.encode({ timestamp = { seconds = 0.5, nanoseconds = 0 } })
  assert(octets == nil and refused == "timestamp")
end

function tests.content_is_split_and_the_last_packet_has_the_status()
  local items = read(assert(Writer.encode_split(FULL, 2)), 1000)
  assert(#items == 2)
  assert(items[1].file_bytes == "\0\xB3" and items[1].test_status == nil and not items[1].eof)
  assert(items[2].file_bytes == "\xFF" and items[2].test_status == "fail" and items[2].eof)
end

function tests.a_packet_without_room_for_content_may_have_content_of_no_octets()
  -- 16: signature, flags, length, checksum, and the sizes of the id, the name and no content
  local packet = { test_id = ("a"):rep(Writer.MOST - 16), file_name = "f", file_bytes = "", runnable = true }
  assert(#assert(Writer.encode(packet)) == Writer.MOST)
  assert(Writer.encode_split(packet) == Writer.encode(packet))
  packet.file_bytes = "b"
  local octets, refused = Writer.encode_split(packet)
  assert(octets == nil and refused == "packet")
  packet.test_id, packet.file_bytes = packet.test_id .. "a", ""
  octets, refused = Writer.encode_split(packet)
  assert(octets == nil and refused == "packet")
end

function tests.the_decoder_of_text_agrees_with_utf8_len()
  -- all sequences of two octets, and of four whose first two are at a limit
  local limits = { 0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xEC, 0xED, 0xEE, 0xEF,
    0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF }
  local function check(octets)
    local state = Text.BETWEEN
    for index = 1, #octets do
      state = Text.NEXT[state][octets:byte(index)]
    end
    assert((state == Text.BETWEEN) == Text.is_utf8(octets), JSON.hex(octets))
  end
  for first = 0, 255 do
    for second = 0, 255 do
      check(string.char(first, second))
    end
  end
  for _, a in ipairs(limits) do
    for _, b in ipairs(limits) do
      for _, c in ipairs(limits) do
        check(string.char(a, b, c))
        for _, d in ipairs(limits) do
          check(string.char(a, b, c, d))
        end
      end
    end
  end
end

function tests.the_state_of_a_text_is_that_of_its_octets_one_by_one()
  math.randomseed(20261130)
  local pieces = { "a", "\n", "\xC3", "\xB3", "\xE2\x82\xAC", "\xF0\x9F", "\xFF", "\0", "\xED" }
  for _ = 1, 5000 do
    local octets = {}
    for index = 1, math.random(0, 8) do
      octets[index] = pieces[math.random(#pieces)]
    end
    octets = table.concat(octets)
    for start = Text.BETWEEN, 9 do
      local state = start
      for index = 1, #octets do
        local octet = octets:byte(index)
        state = octet == 0x0A and Text.BETWEEN or Text.NEXT[state][octet]
      end
      assert(Text.after(start, octets) == state, JSON.hex(octets))
    end
  end
end

function tests.the_checksum_of_a_range_is_that_of_its_octets()
  assert(Number.crc32("123456789") == 0xCBF43926)
  local octets = {}
  for index = 1, 20000 do
    octets[index] = string.char(math.random(0, 255))
  end
  octets = table.concat(octets)
  local checksums = Checksums.new()
  local start = 0
  while start < #octets - 1000 do
    -- a reader asks for ranges in the order of their starts, and has forgotten some of the octets before
    local offset = math.max(0, start - math.random(0, 600))
    checksums:forget(offset)
    for _ = 1, 5 do
      local stop = math.random(start + Checksums.SHORT, #octets)
      local actual = checksums:of_range(octets:sub(offset + 1), offset, start, stop)
      assert(actual == Number.crc32(octets, 0, start + 1, stop))
    end
    start = start + math.random(0, 700)
  end
end

function tests.a_multiplexer_adds_its_route_and_wraps_output()
  local mux = assert(Multiplexer.new({ "0", "1" }))
  local items = read(mux:feed(2, "(Pdb) " .. assert(Writer.encode(FULL))) .. mux:close(2), 5)
  assert(#items == 3)
  assert(items[1].file_name == "stdout" and items[1].file_bytes == "(Pdb) " and items[1].route_code == "1")
  assert(items[2].test_id == FULL.test_id and items[2].route_code == "1/0/1")
  assert(items[3].file_name == "stdout" and items[3].eof)
  for _, code in ipairs({ "", "a\0", "\xFF", ("a"):rep(3 * 1024 * 1024 + 1) }) do
    assert(select(2, Multiplexer.new({ "0", code })) == "route_code")
  end
end

function tests.requests_are_read_without_json()
  local line = [[{"id":1,"op":"encode","octets":{"mime_type":"00"},"packet":{"test_id":"a\"test_tags\":[\\",]]
    .. [["test_tags":["\u00e9]","\ud83d\ude00",""],"file_name":"\n","file_bytes":"00b3","eof":false,]]
    .. [["timestamp":{"seconds":-1,"nanoseconds":5}}}]]
  local packet = JSON.packet(line)
  assert(same(packet, {
    test_id = 'a"test_tags":[\\', test_tags = { "é]", "😀", "" }, file_name = "\n", file_bytes = "\0\xB3", eof = false,
    timestamp = { seconds = -1, nanoseconds = 5 },
  }))
  assert(JSON.quote('"\\\n\x7Fé') == [["\u0022\u005c\u000a\u007fé"]])
end

local names = {}
for name in pairs(tests) do
  names[#names + 1] = name
end
table.sort(names)
local failed = false
for _, name in ipairs(names) do
  local passed, reason = pcall(tests[name])
  print((passed and "ok      " or "FAILED  ") .. name:gsub("_", " ") .. (passed and "" or ": " .. tostring(reason)))
  failed = failed or not passed
end
os.exit(not failed)
