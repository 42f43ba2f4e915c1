local name, generation, value, life = ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5])
local note, text = live(name)
if not note then return {now, 'gone'} end
if note.generation ~= generation then return {now, 'other', redis.call('HGET', key, name), text} end
note = {
  generation = generation + 1, ends = now + life, seen = now, owner = '-', leased = 0, taken = 0, rests = 0, failures = 0,
}
redis.call('HSET', key, name, value, name .. 'm', write(note))
outlast(note.ends)
return {now, 'done'}
