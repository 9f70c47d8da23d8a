-- Starts the session harness: `lua session.lua`, in any folder.

local here = arg[0]:match("^(.*/)[^/]*$") or ""
package.path = here .. "?.lua;" .. package.path
require("subunit.session").run(io.stdin, io.stdout)
