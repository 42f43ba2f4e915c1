-- KEYS[1] is a single value: its end, a space, and what was stored.
local value, life = ARGV[2], tonumber(ARGV[3])
local present = redis.pcall('GET', key)
local ends, stored = string.match(type(present) == 'string' and present or '', '^(%d+) (.*)$')
if ends and tonumber(ends) > now then return {now, stored} end
redis.call('SET', key, string.format('%.0f ', now + life) .. value, 'PX', string.format('%.0f', life))
return {now}
