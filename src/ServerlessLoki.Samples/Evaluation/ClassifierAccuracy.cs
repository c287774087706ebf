namespace ServerlessLoki.Samples.Evaluation;

/// <summary>A classifier's accuracy.</summary>
/// <param name="Name">The variant.</param>
/// <param name="Top1">Share of ground-truth boxes whose most probable class is right.</param>
public sealed record ClassifierAccuracy(string Name, double Top1);
