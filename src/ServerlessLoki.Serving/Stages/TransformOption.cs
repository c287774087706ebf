namespace ServerlessLoki.Serving.Stages;

/// <summary>Numeric option of a transform.</summary>
/// <param name="Name">Name in the pipeline file.</param>
/// <param name="Min">Least value allowed.</param>
/// <param name="Max">Largest value allowed.</param>
/// <param name="Default">Value where the file sets none; null = the file must set it.</param>
/// <param name="Whole">True where only whole numbers make sense.</param>
public sealed record TransformOption(string Name, double Min, double Max, double? Default, bool Whole = false);
