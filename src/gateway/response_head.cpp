#include "gateway/response_head.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/status.hpp>

namespace tableforge::gateway {

namespace {

void append_field(std::string &out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

/// The IMF-fixdate of RFC 9110. Not strftime's %a and %b, which follow the locale.
std::string http_date(std::time_t now) {
  constexpr std::array<char const *, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<char const *, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  std::array<char, 64> rest{};
  auto const size = std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &utc);
  std::string const day = std::to_string(utc.tm_mday);
  std::string date = kDays[static_cast<std::size_t>(utc.tm_wday)];
  date.append(", ").append(day.size() == 1 ? "0" : "").append(day).append(" ");
  return date.append(kMonths[static_cast<std::size_t>(utc.tm_mon)]).append(rest.data(), size);
}

bool says(HttpResponse const &response, std::string_view name) {
  return std::ranges::any_of(response.headers, [&](auto const &field) {
    return boost::beast::iequals({field.first.data(), field.first.size()}, {name.data(), name.size()});
  });
}

}  // namespace

std::string response_head(HttpResponse const &response, bool keep_alive) {
  auto const reason = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(response.status));
  bool const has_body = response.status >= 200 && response.status != 204 && response.status != 304;
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason.data(), reason.size()).append("\r\n");
  append_field(head, "Date", http_date(std::time(nullptr)));
  if (has_body) {
    if (!response.body.empty()) append_field(head, "Content-Type", response.content_type);
    append_field(head, "Content-Length", std::to_string(response.body.size()));
  }
  if (!says(response, "Cache-Control")) append_field(head, "Cache-Control", "no-store");
  for (auto const &[name, value] : response.headers) append_field(head, name, value);
  if (!keep_alive) append_field(head, "Connection", "close");
  return head.append("\r\n");
}

std::string last_response(HttpResponse const &response) { return response_head(response, false).append(response.body); }

HttpResponse internal_error() {
  HttpResponse response;
  response.status = 500;
  response.content_type = "application/problem+json";
  response.body = R"({"title":"Internal Server Error","status":500})";
  return response;
}

}  // namespace tableforge::gateway
