-- KEYS[1] is a single value: its end, a space, and what was stored.
local value, life = ARGV[2], math.max(tonumber(ARGV[3]), 1)
local present = redis.pcall('GET', key)
if type(present) ~= 'string' then
  -- What is no single value is written over. Any other error is one.
  if present and not string.find(present.err, 'WRONGTYPE', 1, true) then return present end
  present = ''
end
local ends, stored = string.match(present, '^(%d+) (.*)$')
if ends and tonumber(ends) > now then return {now, stored} end
redis.call('SET', key, string.format('%.0f ', now + life) .. value, 'PX', string.format('%.0f', life))
return {now}
