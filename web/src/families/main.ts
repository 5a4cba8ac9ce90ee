document.querySelector("#page")!.textContent = "…";
