using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>A reader whose detections have points. They are read of what is left, after non-maximum suppression.</summary>
internal interface IPointReader : IDetectionReader
{
    /// <summary>The points of a detection, in fractions of the model's input.</summary>
    /// <param name="outputs">The row.</param>
    /// <param name="place">What the reader said when it added the detection.</param>
    /// <param name="form">How numbers become detections.</param>
    /// <returns>Null when a value is no number.</returns>
    RowPoints? PointsOf(IOutputValues outputs, int place, DetectionForm form);
}
