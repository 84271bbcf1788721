#pragma once

#include <boost/intrusive/list.hpp>

namespace tableforge::runtime {

/// Something that gathers output while a turn of its thread lasts and sends it at the turn's end.
///
/// Threads: the shard's only.
/// Owns:    nothing; destroying it takes it off the shard's list.
class Flushable : public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
 public:
  Flushable() = default;
  Flushable(Flushable const &) = delete;
  Flushable &operator=(Flushable const &) = delete;

  /// Sends what was gathered. Must not throw. It may mark others or itself dirty, and may destroy itself or others.
  virtual void flush() = 0;

 protected:
  ~Flushable() = default;
};

}  // namespace tableforge::runtime
