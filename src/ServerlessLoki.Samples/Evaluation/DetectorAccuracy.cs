namespace ServerlessLoki.Samples.Evaluation;

/// <summary>A detector's accuracy.</summary>
/// <param name="Name">The variant.</param>
/// <param name="MeanAp50">The mean of the two classes' average precisions at IoU 0.5, all-point rule.</param>
/// <param name="CarAp50">Of vehicles alone.</param>
/// <param name="PersonAp50">Of people alone.</param>
public sealed record DetectorAccuracy(string Name, double MeanAp50, double CarAp50, double PersonAp50);
