local name, generation = ARGV[2], ARGV[3]
local note, text = live(name)
if generation ~= '' and not (note and note.generation == tonumber(generation)) then return {now} end
local value = note and redis.call('HGET', key, name)
redis.call('HDEL', key, name, name .. 'm')
if value then return {now, name, value, text} end
return {now}
