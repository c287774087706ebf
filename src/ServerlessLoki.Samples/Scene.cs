using ServerlessLoki.Serving.Imaging;

namespace ServerlessLoki.Samples;

/// <summary>A drawn street scene with the truth about it.</summary>
/// <param name="Seed">The seed that draws exactly this scene again.</param>
/// <param name="Image">The picture, <see cref="SceneGenerator.Width"/> × <see cref="SceneGenerator.Height"/>.</param>
/// <param name="Objects">Vehicles and people, farthest first.</param>
public sealed record Scene(ulong Seed, RgbImage Image, IReadOnlyList<SceneObject> Objects);
