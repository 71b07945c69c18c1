-- Builds the demo database from the files beside this one. Run from the project's root: protosh demo.pdb -f datasets/demo.sql

-- The world: countries hold their capital and population as objects, and their neighbours as references.
CREATE COLLECTION countries (
  code TEXT PRIMARY KEY, name TEXT NOT NULL, continent TEXT, capital OBJECT, area_km2 DOUBLE, population OBJECT, languages TEXT[],
  neighbours ARRAY);
.import datasets/world/countries.ndjson countries
UPDATE countries SET neighbours = (SELECT array_agg(n._ref) FROM countries n WHERE n.code IN countries.neighbours);

CREATE COLLECTION cities (
  name TEXT NOT NULL, country REF(countries), lat DOUBLE, lon DOUBLE, population INTEGER);
.import datasets/world/cities.csv cities
UPDATE cities SET country = (SELECT c._ref FROM countries c WHERE c.code = cities.country_code) UNSET country_code;

.import datasets/world/rivers.ndjson rivers
UPDATE rivers SET countries = (SELECT array_agg(c._ref) FROM countries c WHERE c.code IN rivers.countries);
.import datasets/world/mountains.ndjson mountains
UPDATE mountains SET countries = (SELECT array_agg(c._ref) FROM countries c WHERE c.code IN mountains.countries);

CREATE INDEX ON countries (continent);
CREATE INDEX ON countries (languages[*]);
CREATE INDEX ON countries (population.value DESC);
CREATE INDEX ON cities (population DESC);

-- Crewed spaceflight up to the last flight to the Moon: dates, and a collection of pairs.
.import datasets/spaceflight/missions.csv missions
.import datasets/spaceflight/people.csv people
.import datasets/spaceflight/crew.csv crew
CREATE UNIQUE INDEX ON missions (name);
CREATE UNIQUE INDEX ON people (name);
UPDATE crew SET mission = (SELECT m._ref FROM missions m WHERE m.name = crew.mission),
                person = (SELECT p._ref FROM people p WHERE p.name = crew.person);
CREATE INDEX ON missions (launched);

-- Colours: a vector of CIELAB coordinates, in which near means alike to the eye.
CREATE COLLECTION colours (name TEXT PRIMARY KEY, hex TEXT, rgb OBJECT, lab VECTOR(3));
.import datasets/colours/colours.ndjson colours
CREATE INDEX colours_by_looks ON colours USING ivfflat (lab vector_l2_ops) WITH (lists = 8);
