namespace ServerlessLoki.Serving.Imaging;

/// <summary>Properties of an image that are known before it is decoded.</summary>
/// <param name="Format">Format by the first bytes.</param>
/// <param name="Width">Pixels per row, after the orientation is applied.</param>
/// <param name="Height">Rows, after the orientation is applied.</param>
/// <param name="DecodeBytes">Most bytes that decoding takes, and that the pixels take afterwards.</param>
public readonly record struct PictureHeader(PictureFormat Format, int Width, int Height, long DecodeBytes);
