#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "tableforge/base/time.hpp"

namespace tableforge::tuner {

enum class CronField : std::uint8_t { minute, hour, day_of_month, month, day_of_week };

/// What is wrong with the text of a schedule.
enum class CronFlaw : std::uint8_t {
  missing,         ///< There are fewer than five fields; `field` is the first that is not there.
  surplus,         ///< There are more than five.
  empty,           ///< Nothing stands before, between or behind commas.
  not_a_value,     ///< Neither a number nor a name of this field.
  out_of_range,    ///< A number the field does not have.
  backwards,       ///< A range that ends before it begins.
  bad_step,        ///< Not a number from 1 up to the field's greatest value.
  step_of_single,  ///< "5/10": a step goes through a range or a star.
  never,           ///< No month that is named has a day that is named.
};

struct CronFault {
  CronField field;
  CronFlaw flaw;
  std::string token;  ///< The part that is wrong; empty where something is missing.
};

/// "hour: '24' is not within 0-23".
std::string to_text(CronFault const &fault);

/// A schedule in the five fields of cron: minute, hour, day of month, month, day of week.
///
/// A field is a list of values, ranges (`a-b`) and stars, the latter two with an optional step (`*/15`, `8-18/2`).
/// Months and days of the week may go by the first three letters of their English names; Sunday is 0 and 7. Where both
/// days are restricted, either of them suffices; as crontab(5) has it, a field that begins with a star restricts
/// nothing, so `*/2` together with a day of the week means both.
///
/// Time is UTC: no hour is skipped and none comes twice.
///
/// Threads: any; immutable.
/// Bounds:  next() looks at one day after the other, at most 12 years of them (29 February around 2100 and days of the
///          week that must fit): 0.1 ms, and far less for schedules people write.
class CronSchedule {
 public:
  [[nodiscard]] static std::expected<CronSchedule, CronFault> parse(std::string_view text);

  /// The first moment of the schedule that is later than `after`: always the beginning of a minute.
  [[nodiscard]] Time next(Time after) const;

 private:
  CronSchedule() = default;
  [[nodiscard]] bool runs_on(std::chrono::sys_days day) const;

  // A bit for each value.
  std::uint64_t minutes_ = 0;
  std::uint64_t hours_ = 0;
  std::uint64_t days_ = 0;
  std::uint64_t months_ = 0;
  std::uint64_t weekdays_ = 0;
  bool any_day_ = false;
  bool any_weekday_ = false;
};

}  // namespace tableforge::tuner
