namespace ServerlessLoki.Pipelines;

/// <summary>Meaning of a classification model's output values.</summary>
public enum ScoreForm
{
    /// <summary>One probability per class.</summary>
    Probabilities,

    /// <summary>Logits of classes that exclude each other: all go through a softmax.</summary>
    Logits,

    /// <summary>Logits of classes that do not exclude each other: each goes through a sigmoid.</summary>
    Sigmoid,
}
