-- SPDX-License-Identifier: MIT
-- Insert, index, group by.
create table orders(id integer primary key, customer text, city text, amount real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 290000)
insert into orders select i, 'customer ' || (i * 7919 % 20011), 'city ' || (i % 997), i / 7.0 from n;
create index by_customer on orders(customer);
create index by_city on orders(city);
select city, count(*), sum(amount), count(distinct customer) from orders group by city order by 3 desc limit 5;
select customer, group_concat(city) from orders group by customer order by 1 limit 5;
