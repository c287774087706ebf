using System.Collections.Immutable;

namespace ServerlessLoki.Serving.Queries;

/// <summary>Points of a detection: key points, or the corners of a quadrilateral. Immutable; equal where all its numbers are.</summary>
/// <param name="values">Of each point x and y, 0..1 of the width and height, and where <paramref name="width"/> is 3 its score.</param>
/// <param name="width">Numbers of a point: 2 or 3.</param>
public sealed class RowPoints(ImmutableArray<float> values, int width) : IEquatable<RowPoints>
{
    /// <summary>Numbers of all points, one point after the other.</summary>
    public ImmutableArray<float> Values { get; } = values;

    /// <summary>Numbers of a point.</summary>
    public int Width { get; } = width is 2 or 3 ? width : throw new ArgumentOutOfRangeException(nameof(width), width, "A point has 2 or 3 numbers.");

    /// <summary>True for the four corners of a quadrilateral, clockwise from the top left one; false for key points.</summary>
    public bool AreCorners { get; init; }

    /// <summary>Returns the points with what lies outside the picture moved to its edge.</summary>
    internal RowPoints Within01() => Values.AsSpan().ContainsAnyExceptInRange(0f, 1f)
        ? new RowPoints([.. Values.Select(static v => Math.Clamp(v, 0, 1))], Width) { AreCorners = AreCorners } : this;

    /// <inheritdoc />
    public bool Equals(RowPoints? other) => other is not null && Width == other.Width && AreCorners == other.AreCorners && Values.AsSpan().SequenceEqual(other.Values.AsSpan());

    /// <inheritdoc />
    public override bool Equals(object? obj) => Equals(obj as RowPoints);

    /// <inheritdoc />
    public override int GetHashCode() => HashCode.Combine(Width, Values.Length, Values.Length > 0 ? Values[0] : 0);
}
