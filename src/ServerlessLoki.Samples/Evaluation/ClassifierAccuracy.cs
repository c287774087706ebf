namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Accuracy of a classifier.</summary>
/// <param name="Name">Name of the variant.</param>
/// <param name="Top1">Share of ground-truth boxes whose most probable class is right.</param>
public sealed record ClassifierAccuracy(string Name, double Top1);
