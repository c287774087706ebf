namespace ServerlessLoki.Serving.Imaging;

/// <summary>An image that is larger than allowed; found in its header, before memory for it is taken.</summary>
public sealed class ImageTooLargeException(string message) : ImageFormatException(message);
