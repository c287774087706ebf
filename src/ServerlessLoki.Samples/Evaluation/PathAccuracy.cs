namespace ServerlessLoki.Samples.Evaluation;

/// <summary>Accuracy of a whole path through the pipeline.</summary>
/// <param name="Detect">Variant of <c>detect</c>.</param>
/// <param name="Vehicle">Variant of <c>classify-vehicle</c>.</param>
/// <param name="Person">Variant of <c>classify-person</c>.</param>
/// <param name="EndToEnd">
/// F1 over all scenes: 2·right ÷ (answers + objects). An answer is a detection that the pipeline hands on; it is right
/// when it matches an object (same kind, IoU ≥ 0.5, each object once) and its second-stage class is that object's.
/// </param>
/// <param name="Product">mAP@0.5 of the detector × top-1 of the classifiers, weighted by how many vehicles and people there are.</param>
public sealed record PathAccuracy(string Detect, string Vehicle, string Person, double EndToEnd, double Product);
