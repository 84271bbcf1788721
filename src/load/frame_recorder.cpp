#include "load/frame_recorder.hpp"

#include <utility>

#include "load/trouble.hpp"

namespace tableforge::load {

FrameRecorder::FrameRecorder(std::filesystem::path const &file) : file_(file), output_(file) {
  if (!output_) throw Trouble("cannot write " + file.string());
}

void FrameRecorder::sent(std::string_view viewer, Json frame) {
  if (frame.contains("token")) frame["token"] = "withheld";
  write(viewer, "sent", frame);
}

void FrameRecorder::write(std::string_view viewer, std::string_view direction, Json const &frame) {
  output_ << Json{{"viewer", viewer}, {"direction", direction}, {"frame", frame}}.dump() << '\n';
  if (!output_) throw Trouble("cannot write " + file_.string());
}

}  // namespace tableforge::load
