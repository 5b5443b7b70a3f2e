/**
 * The window of sliding-window.ts as one atomic step on the server. `KEYS[1]` is the list of the latest allowed events,
 * newest first, in microseconds of the server's clock, so no task's clock matters. `ARGV` is the limit and the window
 * in microseconds. Returns 0, or the seconds to wait.
 *
 * A list never has more entries than the highest limit, and entries that a lower limit cuts off are older than the
 * window, so tasks whose limits differ during a deployment each stay exact. An event in the future (the clock was set
 * back, or a server with another clock has taken over) blocks nothing.
 */
export const WINDOW_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local limit = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local oldest = redis.call('LINDEX', KEYS[1], limit - 1)
if oldest then
  local age = now - oldest
  if age >= 0 and age < window then return math.ceil((window - age) / 1000000) end
end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('PEXPIRE', KEYS[1], window / 1000)
return 0
`;
