-- Requests for wrk: events of the file EVENTS, SIZE of them in each request, every one with an id of its own.
local size = tonumber(os.getenv("SIZE"))
local lines = {}
for line in io.lines(os.getenv("EVENTS")) do
  -- Happens now: its own time and id are taken out.
  lines[#lines + 1] = line:gsub('"time":"[^"]*",', ""):gsub('"id":"[^"]*",', "")
end
local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end
local sent = 0
local start = os.time()
function init(args)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("TOKEN")
  sent = math.random(#lines)
end
function request()
  local parts = {}
  for place = 1, size do
    sent = sent + 1
    local line = lines[sent % #lines + 1]
    parts[place] = '{"id":"' .. start .. "-" .. number .. "-" .. sent .. '",' .. line:sub(2)
  end
  local body = size == 1 and parts[1] or "[" .. table.concat(parts, ",") .. "]"
  return wrk.format(nil, "/v1/events", nil, body)
end
function done(summary, latency, requests)
  local bad = summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout
  io.write(string.format("FIGURES %d %.0f %.2f %.2f %d\n", size, summary.requests * size / (summary.duration / 1e6),
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, bad))
end
