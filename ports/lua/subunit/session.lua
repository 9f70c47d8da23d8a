-- The harness: answers the requests of a conformance runner, each a line, on standard input.

local JSON = require "subunit.json"
local Multiplexer = require "subunit.multiplexer"
local Reader = require "subunit.reader"
local Writer = require "subunit.writer"

local Session = {}

local INTRODUCTION = '"name":"subunit-lua","version":"0.1.0","language":"Lua",'
  .. '"profiles":["packet","stream","recovery","writer","multiplexer"]'

local reader
local multiplexer

local function bytes_of(octets)
  return '"bytes":"' .. JSON.hex(octets) .. '"'
end

local function items_of(items)
  return '"items":' .. JSON.items(items) .. ',"held":' .. reader:held()
end

local answers = {}

function answers.hello()
  return INTRODUCTION
end

function answers.bye()
  return nil
end

function answers.open(line)
  local routes = JSON.strings(line, "routes")
  if routes then
    local key
    multiplexer, key = Multiplexer.new(routes)
    return key and '"refused":' .. JSON.quote(key)
  end
  reader = Reader.new()
end

-- Call a method of the reader, or of the multiplexer if the request has an input, which counts from 0.
local function call(name, line)
  local octets = JSON.octets(line, "bytes")
  local input = tonumber(line:match('"input":(%d+)'))
  if input then
    return bytes_of(multiplexer[name](multiplexer, input + 1, octets))
  end
  return items_of(reader[name](reader, octets))
end

function answers.feed(line)
  return call("feed", line)
end

function answers.stop(line)
  return call("stop_waiting", line)
end

function answers.close(line)
  return call("close", line)
end

-- A writer has the answers from here on, and the loop.
function answers.encode(line)
  local packet = JSON.packet(line)
  local octets, key
  if line:sub(-14) == ',"split":true}' then
    octets, key = Writer.encode_split(packet)
  else
    octets, key = Writer.encode(packet)
  end
  if not octets then
    return '"refused":' .. JSON.quote(key)
  end
  return bytes_of(octets)
end

-- Answer all requests, until the last, `bye`.
function Session.run(input, output)
  output:setvbuf("full")
  for line in input:lines() do
    local id, op = line:match('^{"id":(%d+),"op":"(%w+)"')
    local answer = answers[op]
    local body
    if answer then
      body = answer(line)
    else
      body = '"unsupported":' .. JSON.quote(op)
    end
    output:write('{"id":', id, body and "," or "", body or "", "}\n")
    output:flush()
    if op == "bye" then
      return
    end
  end
end

return Session
