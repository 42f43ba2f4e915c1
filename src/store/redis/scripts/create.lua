local name, value, life, cap = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local kind = redis.call('TYPE', key).ok
-- Nothing else: a script that has written is allowed everything by a server that is full.
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end
if live(name) then return {now, 'taken'} end
local others, over = {}, {}
for _, field in ipairs(redis.call('HKEYS', key)) do
  local other = string.match(field, '^(.+)m$')
  if other and #field == #name + 1 and other ~= name then
    local text = redis.call('HGET', key, field)
    local note = read(text)
    if note and note.ends > now then
      table.insert(others, {name = other, note = note, text = text})
    elseif note then
      table.insert(over, other)
    end
  end
end
-- First of all, since a server that is full refuses it.
local note = {generation = 1, ends = now + life, seen = now, owner = '-', leased = 0, taken = 0, rests = 0, failures = 0}
redis.call('HSET', key, name, value, name .. 'm', write(note))
outlast(note.ends)
for _, other in ipairs(over) do redis.call('HDEL', key, other, other .. 'm') end
table.sort(others, function(one, other) return one.note.seen < other.note.seen end)
local answer = {now, 'created'}
for place = 1, #others + 1 - cap do
  local other = others[place]
  if not other then break end
  table.insert(answer, other.name)
  table.insert(answer, redis.call('HGET', key, other.name))
  table.insert(answer, other.text)
  redis.call('HDEL', key, other.name, other.name .. 'm')
end
return answer
