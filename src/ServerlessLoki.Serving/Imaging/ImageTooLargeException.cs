namespace ServerlessLoki.Serving.Imaging;

/// <summary>An image is larger than allowed; detected in its header, before memory is allocated.</summary>
public sealed class ImageTooLargeException(string message) : ImageFormatException(message);
