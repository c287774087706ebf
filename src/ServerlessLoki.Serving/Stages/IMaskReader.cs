using ServerlessLoki.Serving.Queries;

namespace ServerlessLoki.Serving.Stages;

/// <summary>Reader of detections with masks. Masks are made after suppression, once boxes are in coordinates of the picture.</summary>
internal interface IMaskReader : IDetectionReader
{
    /// <summary>A mask for each detection, over the whole picture.</summary>
    /// <param name="outputs">The row.</param>
    /// <param name="rows">The detections.</param>
    /// <param name="places">What the reader said when it added each.</param>
    /// <returns>Null when a value is no number.</returns>
    RowTensor? Masks(IRowValues outputs, IReadOnlyList<OutputRow> rows, IReadOnlyList<int> places);
}
