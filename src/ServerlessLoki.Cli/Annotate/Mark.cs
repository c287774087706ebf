using System.Runtime.InteropServices;

namespace ServerlessLoki.Cli.Annotate;

/// <summary>Object found in an image. Coordinates are 0..1 of the image's width and height.</summary>
/// <param name="X1">Left edge.</param>
/// <param name="Y1">Top edge.</param>
/// <param name="X2">Right edge.</param>
/// <param name="Y2">Bottom edge.</param>
/// <param name="Text">Label.</param>
/// <param name="Group">Group that chooses the colour.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Mark(double X1, double Y1, double X2, double Y2, string Text, int Group);
