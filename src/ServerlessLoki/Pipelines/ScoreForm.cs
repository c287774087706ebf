namespace ServerlessLoki.Pipelines;

/// <summary>What a classification's values are.</summary>
public enum ScoreForm
{
    /// <summary>One probability per class.</summary>
    Probabilities,

    /// <summary>Logits of classes that exclude each other: they go through a softmax.</summary>
    Logits,

    /// <summary>Logits of classes of which several may hold, each for itself: they go through a sigmoid.</summary>
    Sigmoid,
}
