using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Samples;

/// <summary>Street scene with its ground truth.</summary>
/// <param name="Seed">Seed that draws exactly this scene again.</param>
/// <param name="Image">Image, <see cref="SceneGenerator.Width"/> × <see cref="SceneGenerator.Height"/>.</param>
/// <param name="Objects">Vehicles and people, farthest first.</param>
public sealed record Scene(ulong Seed, RgbImage Image, IReadOnlyList<SceneObject> Objects);
