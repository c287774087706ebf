using ServerlessLoki.Serving.Models;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Reader of the detections of one row of a batch. Made for one model by <see cref="IOutputDecoder.Bind"/>; stateless and
/// thread-safe.</summary>
public interface IDetectionReader
{
    /// <summary>Adds a row's detections in the model's order.</summary>
    /// <param name="outputs">Output values of the row.</param>
    /// <param name="found">Receives the detections.</param>
    /// <returns>False when a value that the answer depends on is NaN or infinite.</returns>
    /// <exception cref="ModelException">The outputs do not fit each other; says how. Only this row fails.</exception>
    bool TryRead(IOutputValues outputs, DetectionList found);
}
