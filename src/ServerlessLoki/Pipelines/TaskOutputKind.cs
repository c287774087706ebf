namespace ServerlessLoki.Pipelines;

/// <summary>What the rows of a task's output tensor mean.</summary>
public enum TaskOutputKind
{
    /// <summary>Raw values, handed on as they are; one child per edge.</summary>
    Tensor,

    /// <summary>Boxes with score and class, made of the model's outputs by a decoder (<see cref="DetectionOutput"/>); any number of children per row.</summary>
    Detections,

    /// <summary>FP32 [N, C]: one probability per class; one child per edge whose label filter matches the best class.</summary>
    Classification,
}
