namespace ServerlessLoki.Pipelines;

/// <summary>What the rows of a task's output tensor mean.</summary>
public enum TaskOutputKind
{
    /// <summary>Raw values, handed on as they are; one child per edge.</summary>
    Tensor,

    /// <summary>Boxes with score and class, made of the model's outputs by a decoder (<see cref="DetectionOutput"/>); any number of children per row.</summary>
    Detections,

    /// <summary>[N, C]: one value per class; one child per edge and class of the answer, which is the best one unless the file asks for more.</summary>
    Classification,

    /// <summary>A vector for each input, <see cref="EmbeddingForm"/>; one child per edge, as for all below.</summary>
    Embedding,

    /// <summary>A text, <see cref="TextResultForm"/>.</summary>
    Text,

    /// <summary>A part of the query's second text that answers its first, <see cref="SpanForm"/>.</summary>
    Answer,

    /// <summary>A class for each pixel: a mask of the picture.</summary>
    Segmentation,
}
