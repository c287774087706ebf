namespace ServerlessLoki.Serving.Imaging;

/// <summary>What is known of a picture before it is decoded.</summary>
/// <param name="Format">By its first bytes.</param>
/// <param name="Width">Pixels per row, upright.</param>
/// <param name="Height">Rows, upright.</param>
/// <param name="DecodeBytes">Most memory that decoding takes, and that the pixels take afterwards.</param>
public readonly record struct PictureHeader(PictureFormat Format, int Width, int Height, long DecodeBytes);
