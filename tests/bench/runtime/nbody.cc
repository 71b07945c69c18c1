#include <cmath>
#include <cstdio>

#include "tests/bench/runtime/programs.h"

namespace proto::programs {
namespace {

constexpr double kPi = 3.141592653589793;
constexpr double kSolarMass = 4 * kPi * kPi;
constexpr double kDays = 365.24;

Value body(Context& ctx, double x, double y, double z, double vx, double vy, double vz, double mass) {
  return new_mutable_object(ctx, ctx.space().object_prototype(),
                            {{"x", x},
                             {"y", y},
                             {"z", z},
                             {"vx", vx * kDays},
                             {"vy", vy * kDays},
                             {"vz", vz * kDays},
                             {"mass", mass * kSolarMass}});
}

Value negated_share(Context& ctx, Value momentum) {
  return divide(ctx, subtract(ctx, Value::small_double(-0.0), momentum), Value::small_double(kSolarMass));
}

List make_bodies(Context& ctx) {
  const List bodies = List::of(
      ctx, body(ctx, 0, 0, 0, 0, 0, 0, 1),
      body(ctx, 4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01, 1.66007664274403694e-03,
           7.69901118419740425e-03, -6.90460016972063023e-05, 9.54791938424326609e-04),
      body(ctx, 8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01, -2.76742510726411899e-03,
           4.99852801234917238e-03, 2.30417297573763929e-05, 2.85885980666130812e-04),
      body(ctx, 1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01, 2.96460137564761618e-03,
           2.37847173959480950e-03, -2.96589568540237556e-05, 4.36624404335156298e-05),
      body(ctx, 1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01, 2.68067772490389322e-03,
           1.62824170038242295e-03, -9.51592254519715870e-05, 5.15138902046611451e-05));
  Value px = Value::small_double(0), py = px, pz = px;
  for (const Value b : bodies) {
    const Value mass = b.get(ctx, "mass");
    px = add(ctx, px, multiply(ctx, b.get(ctx, "vx"), mass));
    py = add(ctx, py, multiply(ctx, b.get(ctx, "vy"), mass));
    pz = add(ctx, pz, multiply(ctx, b.get(ctx, "vz"), mass));
  }
  const Value sun = bodies.first();
  sun.set(ctx, "vx", negated_share(ctx, px));
  sun.set(ctx, "vy", negated_share(ctx, py));
  sun.set(ctx, "vz", negated_share(ctx, pz));
  return bodies;
}

Value difference(Context& ctx, Value a, Value b, const Name& name) {
  return subtract(ctx, a.get(ctx, name), b.get(ctx, name));
}

Value square_root(Context& ctx, Value x) { return make_double(ctx, std::sqrt(to_double(x))); }

Value squares(Context& ctx, Value x, Value y, Value z) {
  return add(ctx, add(ctx, multiply(ctx, x, x), multiply(ctx, y, y)), multiply(ctx, z, z));
}

void attract(Context& ctx, Value a, Value b, Value dt) {
  const Value dx = difference(ctx, a, b, "x"), dy = difference(ctx, a, b, "y"), dz = difference(ctx, a, b, "z");
  const Value squared = squares(ctx, dx, dy, dz);
  const Value magnitude = divide(ctx, dt, multiply(ctx, squared, square_root(ctx, squared)));
  Value mass = multiply(ctx, b.get(ctx, "mass"), magnitude);
  a.set(ctx, "vx", subtract(ctx, a.get(ctx, "vx"), multiply(ctx, dx, mass)));
  a.set(ctx, "vy", subtract(ctx, a.get(ctx, "vy"), multiply(ctx, dy, mass)));
  a.set(ctx, "vz", subtract(ctx, a.get(ctx, "vz"), multiply(ctx, dz, mass)));
  mass = multiply(ctx, a.get(ctx, "mass"), magnitude);
  b.set(ctx, "vx", add(ctx, b.get(ctx, "vx"), multiply(ctx, dx, mass)));
  b.set(ctx, "vy", add(ctx, b.get(ctx, "vy"), multiply(ctx, dy, mass)));
  b.set(ctx, "vz", add(ctx, b.get(ctx, "vz"), multiply(ctx, dz, mass)));
}

void advance(Context& caller, const List& bodies, Value dt) {
  Context ctx(caller);
  const uint64_t count = bodies.size();
  for (uint64_t i = 0; i < count; ++i) {
    for (uint64_t j = i + 1; j < count; ++j) attract(ctx, bodies[i], bodies[j], dt);
  }
  for (const Value b : bodies) {
    b.set(ctx, "x", add(ctx, b.get(ctx, "x"), multiply(ctx, dt, b.get(ctx, "vx"))));
    b.set(ctx, "y", add(ctx, b.get(ctx, "y"), multiply(ctx, dt, b.get(ctx, "vy"))));
    b.set(ctx, "z", add(ctx, b.get(ctx, "z"), multiply(ctx, dt, b.get(ctx, "vz"))));
  }
}

double energy(Context& ctx, const List& bodies) {
  Value total = Value::small_double(0);
  for (uint64_t i = 0; i < bodies.size(); ++i) {
    const Value a = bodies[i], mass = a.get(ctx, "mass");
    const Value speed = squares(ctx, a.get(ctx, "vx"), a.get(ctx, "vy"), a.get(ctx, "vz"));
    total = add(ctx, total, multiply(ctx, multiply(ctx, Value::small_double(0.5), mass), speed));
    for (uint64_t j = i + 1; j < bodies.size(); ++j) {
      const Value b = bodies[j];
      const Value squared =
          squares(ctx, difference(ctx, a, b, "x"), difference(ctx, a, b, "y"), difference(ctx, a, b, "z"));
      total = subtract(ctx, total, divide(ctx, multiply(ctx, mass, b.get(ctx, "mass")), square_root(ctx, squared)));
    }
  }
  return to_double(total);
}

}  // namespace

std::string nbody(Context& caller, int64_t steps) {
  Context ctx(caller);
  const List bodies = make_bodies(ctx);
  const double before = energy(ctx, bodies);
  for (int64_t i = 0; i < steps; ++i) advance(ctx, bodies, Value::small_double(0.01));
  char text[64];
  std::snprintf(text, sizeof(text), "%.9f %.9f", before, energy(ctx, bodies));
  return text;
}

}  // namespace proto::programs
