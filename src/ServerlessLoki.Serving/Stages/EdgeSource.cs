namespace ServerlessLoki.Serving.Stages;

/// <summary>What a child is made from.</summary>
internal enum EdgeSource
{
    /// <summary>What the edge's producer makes of the parent's row and the query's picture.</summary>
    Producer,

    /// <summary>The text that the parent read, or its label.</summary>
    ParentText,

    /// <summary>Tensors of the parent by name.</summary>
    ParentTensors,

    /// <summary>What the query brought.</summary>
    Query,
}
