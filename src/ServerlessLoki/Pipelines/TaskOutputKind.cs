namespace ServerlessLoki.Pipelines;

/// <summary>Meaning of the rows of a task's output tensor.</summary>
public enum TaskOutputKind
{
    /// <summary>Raw values, handed on as they are; one child per edge.</summary>
    Tensor,

    /// <summary>Boxes with score and class, decoded from the model's outputs (<see cref="DetectionOutput"/>); any number of children per
    /// row.</summary>
    Detections,

    /// <summary>Class scores of shape [N, C]; one child per edge and class of the answer. The answer is the best class unless the file asks
    /// for more.</summary>
    Classification,

    /// <summary>A vector for each input (<see cref="EmbeddingForm"/>); one child per edge.</summary>
    Embedding,

    /// <summary>A text (<see cref="TextResultForm"/>); one child per edge.</summary>
    Text,

    /// <summary>Part of the query's second text that answers the first one (<see cref="SpanForm"/>); one child per edge.</summary>
    Answer,

    /// <summary>A class for each pixel: a mask of the picture.</summary>
    Segmentation,
}
