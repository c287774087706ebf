namespace ServerlessLoki.Pipelines;

/// <summary>What the rows of a task's output tensor mean.</summary>
public enum TaskOutputKind
{
    /// <summary>Raw values, handed on as they are; one child per edge.</summary>
    Tensor,

    /// <summary>FP32 [N, K, 6]: x1, y1, x2, y2 (0..1 of the image), score (0..1), class index; up to K children per row.</summary>
    Detections,

    /// <summary>FP32 [N, C]: one probability per class; one child per edge whose label filter matches the best class.</summary>
    Classification,
}
